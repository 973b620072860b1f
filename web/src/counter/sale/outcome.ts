import { Problem } from '@/api/problem'
import type { Sale } from '@/api/types'
import type { SalePorts, SaleState } from './state'

const POLL_MS = 2_000
const LONGEST_WAIT_MS = 10_000

export interface Outcome {
  /** Takes what the server says of the sale on the screen. */
  apply(sale: Sale): void
  /** Asks what became of a sale whose answer was lost: until there is an answer. */
  check(id: string): Promise<void>
  stop(): void
}

/** Follows an authorised sale to its end, whatever the line does. `undone` is called when no such sale was made. */
export function outcome(state: SaleState, ports: SalePorts, undone: () => void): Outcome {
  let timer = 0
  let round = 0

  function stop(): void {
    globalThis.clearTimeout(timer)
    round += 1
  }

  function apply(sale: Sale): void {
    // An old answer never takes back a finished sale.
    if (state.sale?.id === sale.id && state.sale.state !== 'authorised' && sale.state === 'authorised') return
    // A look that finds nothing new leaves standing what the clerk was just told.
    const same = state.sale?.id === sale.id && state.sale.state === sale.state && state.sale.step === sale.step
    if (!same) state.refusal = null
    state.sale = sale
    state.saleId = sale.id
    // Kept until the counter turns to the next customer: a reload finds the finished sale and its receipt again.
    ports.remember(sale.id)
    if (sale.state !== 'authorised') {
      stop()
      state.step = 'done'
      return
    }
    const interrupted = Boolean(sale.problem) || sale.step === 'waiting-card'
    state.step = interrupted ? 'recovery' : 'writing'
    watch(sale.id)
  }

  /** Events are quicker; this is for those that were lost. */
  function watch(id: string): void {
    stop()
    const mine = round
    timer = Number(globalThis.setTimeout(async () => {
      try {
        const sale = await ports.sale(id)
        if (mine === round) apply(sale)
      } catch {
        if (mine === round) watch(id)
      }
    }, POLL_MS))
  }

  async function check(id: string): Promise<void> {
    stop()
    const mine = round
    state.saleId = id
    state.step = 'checking'
    for (let wait = 500; mine === round; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        const sale = await ports.sale(id)
        if (mine === round) apply(sale)
        return
      } catch (cause) {
        if (mine !== round) return
        if (Problem.from(cause).status === 404) {
          ports.remember(null)
          undone()
          return
        }
        await new Promise((resolve) => globalThis.setTimeout(resolve, wait))
      }
    }
  }

  return { apply, check, stop }
}
