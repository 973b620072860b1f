import { computed, reactive } from 'vue'
import { Problem } from '@/api/problem'
import type { Account, CardView, Coded, Sale, WorkstationState } from '@/api/types'
import { kwh, parseFen } from '@/format/number'
import { liveQuote } from './live-quote'
import { outcome } from './outcome'
import { PAYMENTS, type SalePorts, type SaleState, emptyState } from './state'

/** The second Enter must be meant: a bounce or a double press of the first one is not. */
const MEANT_MS = 350
/** The server sends the card's content by itself; if that event was lost, it is asked for. */
const CARD_EVENT_MS = 900
/** The amount is computed anew and shown; the clerk confirms again. */
const REQUOTE = ['sale.price_changed', 'quote.expired', 'quote.stale']

export function createSale(ports: SalePorts) {
  const state = reactive<SaleState>(emptyState())
  const account = computed<Account | null>(() => state.card?.account ?? state.chosen)
  const live = liveQuote(state, ports, () => account.value?.id ?? null)
  const result = outcome(state, ports, notMade)
  let session: string | null = null
  let cardTimer = 0
  let confirmSince = 0
  /** "No, this blank card is another one": not asked twice. */
  let declined: string | null = null

  const busy = (): boolean => state.step === 'writing' || state.step === 'checking' || state.step === 'recovery'

  function toIdle(keepChosen: boolean): void {
    live.drop()
    result.stop()
    const { mode, chosen } = state
    Object.assign(state, emptyState(), { mode, cardIn: session !== null, chosen: keepChosen ? chosen : null })
  }

  // --- what the workstation says

  function onState(now: WorkstationState, first = false): void {
    const next = now.card?.session ?? now.card_problem ?? null
    state.cardIn = next !== null
    if (next === session) return
    const before = session
    session = next
    globalThis.clearTimeout(cardTimer)
    if (next === null) {
      // A sale that is being written or recovered stays on the screen without its card.
      if (!busy()) toIdle(state.step !== 'done')
      return
    }
    if (busy()) return
    if (state.step === 'done') {
      // The reader was reset under the same card; only a card after an empty reader is the next customer's.
      if (before !== null) return
      toIdle(false)
    }
    if (state.card?.session === next) return
    live.drop()
    Object.assign(state, { step: 'reading', card: null, input: '', refusal: null, notice: null, cash: '' })
    // Something is in the slot that cannot be worked: dirty, the wrong way round, another chip.
    if (now.card_problem) state.refusal = new Problem(now.card_problem)
    else cardTimer = Number(globalThis.setTimeout(() => void readCard(), first ? 0 : CARD_EVENT_MS))
  }

  async function readCard(): Promise<void> {
    const workstation = ports.workstation()
    if (workstation === null || busy()) return
    state.refusal = null
    try {
      onCard(await ports.readCard(workstation))
    } catch (cause) {
      if (!busy() && state.step !== 'done') {
        state.step = state.cardIn ? 'reading' : 'idle'
        state.refusal = Problem.from(cause)
      }
    }
  }

  function onCard(view: CardView): void {
    globalThis.clearTimeout(cardTimer)
    state.cardIn = true
    if (state.step === 'recovery') {
      if (view.open_sale?.id === state.saleId) result.apply(view.open_sale)
      if (view.maybe_sale?.id === state.saleId) state.card = view
      // The next customer's card: the unfinished sale keeps in the server, and goes on when its own card comes.
      if (!view.account || view.account.id === state.sale?.account_id) return
      park()
    }
    if (busy()) return
    if (state.step === 'done' && (view.account === null || view.account === undefined || view.account.id === state.sale?.account_id)) return
    if (view.open_sale) {
      toIdle(false)
      Object.assign(state, { card: view, cardIn: true })
      result.apply(view.open_sale)
      return
    }
    if (view.maybe_sale && view.maybe_sale.id !== declined) {
      toIdle(true)
      Object.assign(state, { card: view, cardIn: true, step: 'recovery', sale: view.maybe_sale, saleId: view.maybe_sale.id })
      return
    }
    const same = state.card?.session === view.session
    state.card = view
    const typing = state.step === 'ready' || state.step === 'confirm'
    if (same && typing && !view.problems.some((problem) => problem.blocking)) return
    live.drop()
    Object.assign(state, { input: '', cash: '', refusal: null, notice: null, sale: null, saleId: null })
    settle(view)
  }

  function settle(view: CardView): void {
    if (view.problems.some((problem) => problem.blocking)) state.step = 'blocked'
    else if (view.account) Object.assign(state, { step: 'ready', chosen: null })
    else if (view.kind === 'blank') state.step = state.chosen === null ? 'choose' : 'ready'
    else state.step = 'blocked'
  }

  function onSale(sale: Sale): void {
    if (sale.id === state.saleId) result.apply(sale)
    // The server finished an older sale of the card that has just come in.
    else if (state.cardIn && !busy() && state.step !== 'done' && sale.account_id === state.card?.account?.id && sale.state === 'committed') result.apply(sale)
  }

  function onProgress(sale_id: string, step: string): void {
    if (sale_id !== state.saleId || state.sale?.state !== 'authorised') return
    state.sale = { ...state.sale, step, problem: null }
    if (state.step === 'recovery') state.step = 'writing'
  }

  function onProblem(problem: Coded): void {
    if (state.step === 'reading') state.refusal = new Problem(problem.code, problem.params)
  }

  // --- what the clerk does

  function choose(next: Account | null): void {
    state.chosen = next
    if (state.card?.kind === 'blank' && !busy() && state.step !== 'done') state.step = next === null ? 'choose' : 'ready'
  }

  function setInput(text: string): void {
    if (state.input === text) return
    state.input = text
    live.changed()
  }

  function setMode(mode: SaleState['mode']): void {
    if (state.mode === mode) return
    state.mode = mode
    setInput('')
    live.changed()
  }

  function takeEnergy(wh: number): void {
    state.mode = 'energy'
    state.input = kwh(wh).replaceAll(',', '')
    live.changed()
    void live.now()
  }

  async function enter(): Promise<void> {
    if (state.step === 'ready') await toConfirm()
    else if (state.step === 'confirm') await charge()
    else if (state.step === 'recovery') await resume()
    else if (state.step === 'reading' && state.refusal !== null) await readCard()
    else if (state.step === 'done' && !state.cardIn) toIdle(false)
  }

  async function toConfirm(): Promise<void> {
    // A value that was refused stays refused; what may pass by itself (a busy reader, the line) is asked again.
    if (state.quote === null && state.input.trim() !== '' && state.refusal?.status !== 422) await live.now()
    // The card may have gone, or another digit come, while the server computed.
    if (state.step !== 'ready' || state.quote === null) return
    Object.assign(state, { step: 'confirm', cash: '', refusal: null })
    confirmSince = ports.now()
  }

  function received(): number | null | Problem {
    if (state.payment !== 'cash' || state.cash.trim() === '' || state.quote === null) return null
    const cash_fen = parseFen(state.cash)
    if (cash_fen === null) return new Problem('request.field', { field: 'cash_fen', rule: 'number' })
    const { amount_fen } = state.quote
    return cash_fen < amount_fen ? new Problem('sale.cash_short', { cash_fen, amount_fen }) : cash_fen
  }

  async function charge(): Promise<void> {
    if (state.quote === null || ports.now() - confirmSince < MEANT_MS) return
    const cash = received()
    if (cash instanceof Problem) {
      state.refusal = cash
      return
    }
    // The id is made once and kept before anything is sent: sending it twice is one sale, and a reload finds it again.
    const id = state.saleId ?? ports.newId()
    const { quote } = state.quote
    Object.assign(state, { saleId: id, step: 'writing', sale: null, refusal: null, notice: null })
    ports.remember(id)
    try {
      result.apply(await ports.sell({ id, quote, payment: state.payment, ...(cash === null ? {} : { cash_fen: cash }) }))
    } catch (cause) {
      refused = Problem.from(cause)
      await result.check(id)
    }
  }

  /** Why the last charge was not answered with a sale; shown once it is certain that none was made. */
  let refused: Problem | null = null

  function notMade(): void {
    const why = refused
    refused = null
    Object.assign(state, { sale: null, cash: '' })
    if (state.card === null || !state.cardIn || account.value === null) {
      toIdle(true)
      return
    }
    state.step = 'ready'
    void live.now().then(() => {
      if (state.quote === null) return
      if (why === null || !why.isRefusal || REQUOTE.includes(why.code)) {
        Object.assign(state, { step: 'confirm', notice: why?.isRefusal === true ? why : new Problem('sale.not_made') })
        confirmSince = ports.now()
      } else state.refusal = why
    })
  }

  async function resume(): Promise<void> {
    const workstation = ports.workstation()
    if (state.saleId === null || workstation === null) return
    try {
      result.apply(await ports.resume(state.saleId, workstation))
    } catch (cause) {
      state.refusal = Problem.from(cause)
    }
  }

  /** The sale stays open in the server and goes on when its card comes; this counter turns to something else. */
  function park(): void {
    const { card } = state
    const asked = state.cardIn && card?.maybe_sale?.id === state.saleId
    ports.remember(null)
    if (asked) declined = state.saleId
    toIdle(asked)
    if (!asked || card === null) return
    Object.assign(state, { card, cardIn: true })
    settle(card)
  }

  function escape(): void {
    if (state.step === 'confirm') Object.assign(state, { step: 'ready', refusal: null, notice: null })
    else if (state.step === 'ready' && state.input !== '') setInput('')
    else if (state.step === 'ready' && state.chosen !== null) choose(null)
    else if (state.step === 'recovery' && (!state.cardIn || state.card?.maybe_sale)) park()
    else if (state.step === 'done' && !state.cardIn) toIdle(false)
    else if (state.step === 'idle') choose(null)
  }

  /** After a reload: the sale that this tab had begun. */
  function restore(): void {
    const id = ports.remembered()
    if (id !== null) void result.check(id)
  }

  return {
    state, account, onState, onCard, onSale, onProgress, onProblem, readCard, choose, setInput, setMode, takeEnergy, enter, escape, resume, restore,
    toggleMode: () => setMode(state.mode === 'money' ? 'energy' : 'money'),
    nextPayment() {
      if (state.refusal?.code === 'sale.cash_short') state.refusal = null
      state.payment = PAYMENTS[(PAYMENTS.indexOf(state.payment) + 1) % PAYMENTS.length] ?? 'cash'
    },
    /** The sale on the screen is seen; the counter is free (used when the card was taken while the line was down). */
    clear: () => { if (!busy()) toIdle(false) },
    stop() {
      globalThis.clearTimeout(cardTimer)
      live.drop()
      result.stop()
    },
  }
}

export type SaleMachine = ReturnType<typeof createSale>
