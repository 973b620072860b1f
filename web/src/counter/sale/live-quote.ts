import { Problem } from '@/api/problem'
import { parseFen, parseWh } from '@/format/number'
import type { SalePorts, SaleState } from './state'

const DEBOUNCE_MS = 180

export interface LiveQuote {
  /** The input changed: the old quote no longer belongs to it. */
  changed(): void
  /** Asks now; resolves when the answer to the newest question is in the state. */
  now(): Promise<void>
  drop(): void
}

/** Keeps `state.quote` that of the newest input: the server computes, old answers are thrown away. */
export function liveQuote(state: SaleState, ports: SalePorts, account: () => string | null): LiveQuote {
  let timer = 0
  let newest = 0

  function drop(): void {
    globalThis.clearTimeout(timer)
    newest += 1
    state.quote = null
    state.quoting = false
  }

  async function now(): Promise<void> {
    drop()
    const mine = newest
    const workstation_id = ports.workstation()
    const account_id = account()
    if (state.input.trim() === '' || workstation_id === null || account_id === null) return
    const value = state.mode === 'money' ? parseFen(state.input) : parseWh(state.input)
    state.unreadable = value === null
    if (value === null) return
    state.quoting = true
    try {
      const quote = await ports.quote({
        workstation_id, account_id, session: state.card?.session,
        ...(state.mode === 'money' ? { amount_fen: value } : { energy_wh: value }),
      })
      if (mine !== newest) return
      state.quote = quote
      state.refusal = null
    } catch (cause) {
      if (mine !== newest) return
      state.refusal = Problem.from(cause)
    }
    state.quoting = false
  }

  return {
    now,
    drop,
    changed() {
      drop()
      state.refusal = null
      Object.assign(state, { notice: null, unmade: false })
      state.unreadable = false
      if (state.input.trim() === '') return
      state.quoting = true
      timer = Number(globalThis.setTimeout(() => void now(), DEBOUNCE_MS))
    },
  }
}
