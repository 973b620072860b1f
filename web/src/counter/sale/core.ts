import { type ComputedRef, computed, reactive } from 'vue'
import type { Account, CardView } from '@/api/types'
import { type LiveQuote, liveQuote } from './live-quote'
import { type Outcome, outcome } from './outcome'
import { type Mode, type SalePorts, type SaleState, emptyState } from './state'

/** What the sides of the sale share: the reader's, the clerk's, and the charging between them. */
export interface Core {
  readonly state: SaleState
  readonly ports: SalePorts
  readonly account: ComputedRef<Account | null>
  readonly live: LiveQuote
  readonly result: Outcome
  /** The card session that the workstation last reported; null: nothing in the slot. */
  session: string | null
  /** By money or by energy, as the clerk last chose; a cure of one sale does not change it. */
  habit: Mode
  /** Money is taken, or may be: nothing but the server's word moves the screen. */
  busy(): boolean
  toIdle(keepChosen: boolean): void
  /** Where a card that was read leads. */
  settle(view: CardView): void
  /** "Is it this sale's card?", of the first one that was not declined. False: there is none. */
  ask(card: CardView): boolean
  /** The sale on the screen stays open in the server and goes on when its card comes; this counter turns to something else. */
  park(): void
  /** "No, this blank card is another one": that sale is not asked for again. */
  declined: Set<string>
}

export function createCore(ports: SalePorts, notMade: () => void): Core {
  const state = reactive<SaleState>({ ...emptyState(), mode: ports.habit?.() ?? 'money' })
  const account = computed<Account | null>(() => state.card?.account ?? state.chosen)
  const core: Core = {
    state, ports, account, session: null, declined: new Set(), habit: state.mode,
    live: liveQuote(state, ports, () => account.value?.id ?? null),
    result: outcome(state, ports, notMade),
    busy: () => state.step === 'writing' || state.step === 'checking' || state.step === 'recovery',
    toIdle(keepChosen) {
      core.live.drop()
      core.result.stop()
      ports.remember(null)
      const { chosen, unmade } = state
      Object.assign(state, emptyState(), { mode: core.habit, unmade, cardIn: core.session !== null, chosen: keepChosen ? chosen : null })
    },
    settle(view) {
      if (view.problems.some((problem) => problem.blocking)) state.step = 'blocked'
      else if (view.account) Object.assign(state, { step: 'ready', chosen: null })
      else if (view.kind === 'blank') state.step = state.chosen === null ? 'choose' : 'ready'
      else state.step = 'blocked'
    },
    ask(card) {
      const sale = card.maybe_sales.find((one) => !core.declined.has(one.id))
      if (sale !== undefined) Object.assign(state, { card: { ...card, maybe_sale: sale }, cardIn: true, step: 'recovery', sale, saleId: sale.id })
      return sale !== undefined
    },
    park() {
      const { card } = state
      const asked = state.cardIn && card?.maybe_sale?.id === state.saleId
      if (asked && state.saleId !== null) core.declined.add(state.saleId)
      core.toIdle(asked)
      if (!asked || card === null) return
      if (core.ask(card)) return
      Object.assign(state, { card, cardIn: true })
      core.settle(card)
    },
  }
  return core
}
