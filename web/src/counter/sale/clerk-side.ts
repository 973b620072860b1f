import type { Account } from '@/api/types'
import { kwh } from '@/format/number'
import type { charging } from './charging'
import type { Core } from './core'
import { type Mode, PAYMENTS, takesTokens } from './state'

/** What the clerk does: digits, Enter, Esc, function keys. */
export function clerkSide(core: Core, charge: ReturnType<typeof charging>, readCard: () => Promise<void>) {
  const { state, live, ports } = core

  function choose(next: Account | null): void {
    if (core.busy()) return
    if (takesTokens(next)) {
      // Whatever lies in the reader has nothing to do with it.
      core.toIdle(false)
      Object.assign(state, { chosen: next, step: 'ready' })
      return
    }
    if (takesTokens(state.chosen)) void leaveToken()
    state.chosen = next
    if (state.card?.kind === 'blank' && !core.busy() && state.step !== 'done') state.step = next === null ? 'choose' : 'ready'
  }

  /** To the next customer, whose card may lie in the reader by now. */
  async function leaveToken(): Promise<void> {
    core.toIdle(false)
    if (core.session === null) return
    state.step = 'reading'
    await readCard()
  }

  function setInput(text: string): void {
    if (state.input === text) return
    state.input = text
    live.changed()
  }

  function setMode(mode: Mode): void {
    core.habit = mode
    ports.keepHabit?.(mode)
    if (state.mode === mode) return
    Object.assign(state, { mode, input: '' })
    live.changed()
  }

  function takeEnergy(wh: number): void {
    Object.assign(state, { mode: 'energy', input: kwh(wh).replaceAll(',', '') })
    live.changed()
    void live.now()
  }

  async function enter(): Promise<void> {
    if (state.step === 'ready') await charge.toConfirm()
    else if (state.step === 'confirm') await charge.charge()
    else if (state.step === 'recovery') await charge.resume()
    else if (state.step === 'reading' && state.refusal !== null) await readCard()
    else if (state.step === 'done') await finish()
  }

  /** With the card still in, one more Enter out of habit must do nothing. */
  async function finish(): Promise<void> {
    if (takesTokens(state.chosen) || state.sale?.carrier === 'token') await leaveToken()
    else if (!state.cardIn) core.toIdle(false)
  }

  function escape(): void {
    if (state.step === 'confirm') Object.assign(state, { step: 'ready', refusal: null, notice: null })
    else if (state.step === 'ready' && state.input !== '') setInput('')
    else if (state.step === 'ready' && state.chosen !== null) choose(null)
    else if (state.step === 'recovery' && (!state.cardIn || state.otherCard || state.card?.maybe_sale)) core.park()
    else if (state.step === 'done') void finish()
    else if (state.step === 'idle') choose(null)
  }

  function nextPayment(): void {
    if (state.refusal?.code === 'sale.cash_short') state.refusal = null
    state.payment = PAYMENTS[(PAYMENTS.indexOf(state.payment) + 1) % PAYMENTS.length] ?? 'cash'
  }

  return {
    choose, setInput, setMode, takeEnergy, enter, escape, nextPayment,
    toggleMode: () => setMode(state.mode === 'money' ? 'energy' : 'money'),
    /** The sale on the screen is seen; the counter is free. */
    clear: () => { if (!core.busy()) void (state.sale?.carrier === 'token' ? leaveToken() : core.toIdle(false)) },
  }
}
