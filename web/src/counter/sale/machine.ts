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
  const { stop: stopReader, ...heard } = reader
  return {
    state: core.state,
    account: core.account,
    ...heard,
    ...clerkSide(core, charge, reader.readCard),
    resume: charge.resume,
    /** After a reload: the sale that this tab had begun. */
    restore() {
      const id = ports.remembered()
      if (id === null) return
      // While it was asked for, the reader was not looked at: the card in it may be the next customer's by now.
      void core.result.check(id).then(() => (core.state.step === 'done' && core.session !== null ? reader.readCard() : undefined))
    },
    stop() {
      stopReader()
      core.live.drop()
      core.result.stop()
    },
  }
}

export type SaleMachine = ReturnType<typeof createSale>
