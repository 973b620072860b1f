import type { Account } from '@/api/types'
import { charging } from './charging'
import { clerkSide } from './clerk-side'
import { createCore } from './core'
import { readerSide } from './reader-side'
import type { SalePorts } from './state'

/** The sale at a counter, put together: see `state.ts` for where it can stand. */
export function createSale(ports: SalePorts) {
  const core = createCore(ports, () => void charge.notMade())
  const reader = readerSide(core)
  const charge = charging(core, reader.readCard)
  const clerk = clerkSide(core, charge, reader.readCard)
  const { stop: stopReader, ...heard } = reader

  /** After a reload: the sale that this tab had begun. `next`: whose turn it is, once that sale is known to have ended. */
  async function restore(next: Account | null = null): Promise<void> {
    const id = ports.remembered()
    if (id === null) {
      if (next !== null) clerk.choose(next)
      return
    }
    await core.result.check(id)
    if (next !== null && !core.busy()) {
      core.toIdle(false)
      clerk.choose(next)
    } else if (core.state.step !== 'done') return
    // While it was asked for, the reader was not looked at: the card in it may be the next customer's by now.
    if (core.session !== null) await reader.readCard()
  }

  return {
    state: core.state,
    account: core.account,
    ...heard,
    ...clerk,
    resume: charge.resume,
    restore,
    stop() {
      stopReader()
      core.live.drop()
      core.result.stop()
    },
  }
}

export type SaleMachine = ReturnType<typeof createSale>
