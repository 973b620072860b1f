import { reactive } from 'vue'
import { Problem } from '@/api/problem'
import type { CardView, Replacement, ReplacementRequest } from '@/api/types'
import { uuidv7 } from '@/format/uuid'

const POLL_MS = 2_000

export interface ReplacePorts {
  replace(body: ReplacementRequest): Promise<Replacement>
  replacement(id: string): Promise<Replacement>
  resume(id: string, workstation: string): Promise<Replacement>
  workstation(): string | null
}

export type Reason = 'lost' | 'damaged' | 'locked'

export interface Replacing {
  reason: Reason
  card: CardView | null
  /** A request is on its way. */
  busy: boolean
  /** The answer to a request was lost: it may have been carried out. */
  unanswered: boolean
  current: Replacement | null
  refusal: Problem | null
}

/** A replacement card from the blank card to its proof. One id for one click: sent again, it is the same replacement. */
export function replacing(account: string, ports: ReplacePorts) {
  const state = reactive<Replacing>({ reason: 'lost', card: null, busy: false, unanswered: false, current: null, refusal: null })
  let sent: ReplacementRequest | null = null
  let timer = 0
  let stopped = false

  function apply(next: Replacement): void {
    if (next.account_id !== account || stopped) return
    // An old answer never takes back a finished one.
    if (state.current?.id === next.id && state.current.state === 'committed') return
    state.current = next
    state.unanswered = false
    state.refusal = null
    globalThis.clearTimeout(timer)
    if (next.state === 'authorised') timer = Number(globalThis.setTimeout(() => void look(next.id), POLL_MS))
  }

  /** Events are quicker; this is for those that were lost. */
  async function look(id: string): Promise<void> {
    try {
      apply(await ports.replacement(id))
    } catch {
      if (!stopped) timer = Number(globalThis.setTimeout(() => void look(id), POLL_MS))
    }
  }

  async function send(call: () => Promise<Replacement>): Promise<void> {
    if (state.busy) return
    state.busy = true
    state.refusal = null
    try {
      apply(await call())
    } catch (cause) {
      const problem = Problem.from(cause)
      state.refusal = problem
      // Refused before anything was done, or not known.
      if (problem.status > 0 && problem.status < 500) sent = null
      state.unanswered = sent !== null
    }
    state.busy = false
  }

  async function go(): Promise<void> {
    const workstation_id = ports.workstation()
    if (workstation_id === null) return
    // After a lost answer the same request goes out again, as it was.
    const body = sent ?? { id: uuidv7(), account_id: account, workstation_id, session: state.card?.session ?? null, reason: state.reason }
    sent = body
    await send(() => ports.replace(body))
  }

  async function resume(): Promise<void> {
    const [id, workstation] = [state.current?.id, ports.workstation()]
    if (id !== undefined && workstation !== null) await send(() => ports.resume(id, workstation))
  }

  function stop(): void {
    stopped = true
    globalThis.clearTimeout(timer)
  }

  return { state, apply, go, resume, stop }
}
