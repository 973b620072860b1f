import { Problem } from '@/api/problem'
import { parseFen } from '@/format/number'
import type { Core } from './core'
import { takesTokens } from './state'

/** The second Enter must be meant: a bounce or a double press of the first one is not. */
const MEANT_MS = 350
/** The amount is computed anew and shown; the clerk confirms again. */
const REQUOTE = ['sale.price_changed', 'quote.expired', 'quote.stale']

/** From the quote to the charge, and back where no sale was made. */
export function charging(core: Core, readCard: () => Promise<void>) {
  const { state, ports, live, result } = core
  let confirmSince = 0
  /** Why the last charge was not answered with a sale; shown once it is certain that none was made. */
  let refused: Problem | null = null

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
    Object.assign(state, { saleId: id, step: 'writing', sale: null, refusal: null, notice: null, unmade: false })
    ports.remember(id)
    try {
      result.apply(await ports.sell({ id, quote, payment: state.payment, ...(cash === null ? {} : { cash_fen: cash }) }))
    } catch (cause) {
      refused = Problem.from(cause)
      await result.check(id)
    }
  }

  async function notMade(): Promise<void> {
    const why = refused
    refused = null
    const { cash } = state
    // Nobody said no: the clerk does not know yet that nothing was sold.
    Object.assign(state, { sale: null, cash: '', unmade: why?.isRefusal !== true })
    const carded = state.card !== null && state.cardIn && core.account.value !== null
    if (!carded && !takesTokens(state.chosen)) {
      core.toIdle(true)
      // After a reload: the card was not looked at while the sale was asked for.
      if (core.session !== null) {
        state.step = 'reading'
        await readCard()
      }
      return
    }
    state.step = 'ready'
    await live.now()
    if (state.refusal?.code === 'card.changed') await readAgain()
    if (state.quote === null) return
    if (why?.params.field === 'cash_fen') {
      // Only the cash was wrong: the clerk stays at it.
      Object.assign(state, { step: 'confirm', cash, refusal: why })
      confirmSince = ports.now()
    } else if (why === null || !why.isRefusal || REQUOTE.includes(why.code)) {
      Object.assign(state, { step: 'confirm', notice: why?.isRefusal === true ? why : new Problem('sale.not_made'), unmade: false })
      confirmSince = ports.now()
    } else state.refusal = why
  }

  /**
   * The server or its station began anew, and the card that lay there all the time has another session: it is read again,
   * and what was typed stays if it is the same customer's.
   */
  async function readAgain(): Promise<void> {
    const { input, saleId } = state
    const whose = core.account.value?.id
    state.step = 'reading'
    await readCard()
    // Said while it was read, by events that this waits for: look at it as it is now.
    const { step } = state as { step: string }
    if (step !== 'ready' || core.account.value?.id !== whose) return
    Object.assign(state, { input, saleId })
    await live.now()
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

  return { toConfirm, charge, notMade, resume }
}
