import { Problem } from '@/api/problem'
import type { CardView, Coded, Sale, WorkstationState } from '@/api/types'
import type { Core } from './core'
import { takesTokens } from './state'

/** The server sends the card's content by itself; if that event was lost, it is asked for. */
const CARD_EVENT_MS = 900

/** What the workstation says: cards come and go, a write moves on, a sale ends. */
export function readerSide(core: Core) {
  const { state, ports, live, result } = core
  let timer = 0
  /** The reader went away with what lay in it: whether the card left, nobody saw. */
  let lost = false

  function onState(now: WorkstationState, first = false): void {
    const next = now.card?.session ?? now.card_problem ?? null
    const before = core.session
    state.cardIn = next !== null
    if (next === before) return
    state.otherCard = false
    // "No card" was said of the slot as it was.
    if (state.step === 'recovery') state.refusal = null
    core.session = next
    globalThis.clearTimeout(timer)
    // A token is being sold: nobody waits for a card. One that is put in now is the next customer's; one that lay there was.
    if (takesTokens(state.chosen) && (next === null || first)) return
    if (state.step === 'done' && state.sale?.carrier === 'token' && (next === null || first)) return
    if (next === null) {
      lost = !now.connected || now.reader?.state !== 'ready'
      // A sale that is being written or recovered stays on the screen without its card; a finished one stays for its
      // change and its receipt until the customer takes the card.
      if (!core.busy() && !(lost && state.step === 'done')) core.toIdle(state.step !== 'done')
      return
    }
    const unseen = first || lost
    lost = false
    if (core.busy()) return
    if (state.step === 'done') {
      // The reader was reset under the same card; only a card after an empty reader is the next customer's.
      if (before !== null) return
      // Nobody saw whether the card was changed (a reload, a dropped line, a cable): it says itself whose it is.
      if (unseen) {
        void readCard()
        return
      }
      core.toIdle(false)
    }
    if (state.card?.session === next) return
    live.drop()
    if (takesTokens(state.chosen)) state.chosen = null
    Object.assign(state, { step: 'reading', card: null, input: '', refusal: null, notice: null, cash: '' })
    // Something is in the slot that cannot be worked: dirty, the wrong way round, another chip.
    if (now.card_problem) state.refusal = new Problem(now.card_problem)
    else timer = Number(globalThis.setTimeout(() => void readCard(), first ? 0 : CARD_EVENT_MS))
  }

  async function readCard(): Promise<void> {
    const workstation = ports.workstation()
    if (workstation === null || core.busy()) return
    state.refusal = null
    try {
      onCard(await ports.readCard(workstation))
    } catch (cause) {
      if (core.busy() || state.step === 'done') return
      state.step = state.cardIn ? 'reading' : 'idle'
      state.refusal = Problem.from(cause)
    }
  }

  function onCard(view: CardView): void {
    globalThis.clearTimeout(timer)
    state.cardIn = true
    if (state.step === 'recovery' && staysWithItsSale(view)) return
    if (core.busy()) return
    if (state.step === 'done' && stillCarries(view)) return
    if (view.open_sale) {
      core.toIdle(false)
      Object.assign(state, { card: view, cardIn: true })
      result.apply(view.open_sale)
    } else if (view.maybe_sales.some((one) => !core.declined.has(one.id))) {
      core.toIdle(true)
      core.ask(view)
    } else show(view)
  }

  /** The finished sale's own card, not yet taken to its meter. Any other card, or this one on its next visit, is a new matter. */
  function stillCarries(view: CardView): boolean {
    return view.account?.id === state.sale?.account_id && view.problems.some((problem) => problem.code === 'card.not_loaded')
  }

  /** False: the next customer's card came, and the unfinished sale has left the screen. */
  function staysWithItsSale(view: CardView): boolean {
    if (view.open_sale?.id === state.saleId) result.apply(view.open_sale)
    const asked = view.maybe_sales.find((one) => one.id === state.saleId)
    if (asked) state.card = { ...view, maybe_sale: asked }
    if (!view.account || view.account.id === state.sale?.account_id) {
      state.otherCard = view.open_sale?.id !== state.saleId && !asked
      return true
    }
    core.park()
    return false
  }

  function show(view: CardView): void {
    const same = state.card?.session === view.session
    const typing = state.step === 'ready' || state.step === 'confirm'
    state.card = view
    if (same && typing && !view.problems.some((problem) => problem.blocking)) return
    live.drop()
    ports.remember(null)
    if (takesTokens(state.chosen)) state.chosen = null
    Object.assign(state, { input: '', cash: '', refusal: null, notice: null, sale: null, saleId: null })
    core.settle(view)
  }

  function onSale(sale: Sale): void {
    // The server has finished an older sale of the card that came in a moment ago, or the sale on the screen moves on.
    const ofThisCard = state.cardIn && !core.busy() && state.step !== 'done' && sale.state === 'committed' && sale.account_id === state.card?.account?.id
    if (sale.id === state.saleId || ofThisCard) result.apply(sale)
  }

  function onProgress(sale_id: string, step: string): void {
    if (sale_id !== state.saleId || state.sale?.state !== 'authorised') return
    state.sale = { ...state.sale, step, problem: null }
    if (state.step === 'recovery') state.step = 'writing'
  }

  function onProblem(problem: Coded): void {
    if (state.step === 'reading') state.refusal = new Problem(problem.code, problem.params)
  }

  return { onState, onCard, onSale, onProgress, onProblem, readCard, stop: () => globalThis.clearTimeout(timer) }
}
