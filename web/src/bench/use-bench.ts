import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import * as api from '@/api/calls'
import { Problem } from '@/api/problem'
import type { BenchCard, BenchMeter, BenchMoved, BenchPlace, BenchView } from '@/api/types'
import { listen, workstation } from '@/session/workstation'

const POLL_MS = 10_000

/** The virtual world of the learning mode, and what can be done in it. */
export function useBench() {
  const world = shallowRef<BenchView>({ cards: [], meters: [] })
  const problem = shallowRef<Problem | null>(null)
  const outcome = shallowRef<{ meter: string; result: NonNullable<BenchMoved['outcome']> } | null>(null)
  const meterId = ref<string | null>(null)
  /** The card in the reader is pulled at this cell of the next write. */
  const armed = ref<number | null>(null)

  const meter = computed<BenchMeter | null>(() => world.value.meters.find((one) => one.id === meterId.value) ?? world.value.meters[0] ?? null)
  const inReader = computed<BenchCard | null>(() => world.value.cards.find((card) => card.place.kind === 'reader' && card.place.workstation_id === workstation.id) ?? null)
  const unplugged = computed(() => workstation.now?.reader?.state === 'absent')
  const inMeter = computed<BenchCard | null>(() => world.value.cards.find((card) => card.place.kind === 'meter' && card.place.meter_id === meter.value?.id) ?? null)

  async function refresh(): Promise<void> {
    try {
      world.value = await api.bench()
    } catch (cause) {
      problem.value = Problem.from(cause)
    }
  }

  let last: Promise<void> = Promise.resolve()

  /** One doing after the other, none is lost (putting a card in takes until the reader has seen it); the world is asked again after each. */
  function act(work: () => Promise<unknown>): Promise<void> {
    last = last.then(async () => {
      problem.value = null
      try {
        await work()
      } catch (cause) {
        problem.value = Problem.from(cause)
      }
      await refresh()
    })
    return last
  }

  const move = (card: BenchCard, to: BenchPlace): Promise<void> => act(async () => {
    outcome.value = null
    const moved = await api.benchMove(card.id, to)
    if (moved.outcome && to.kind === 'meter') outcome.value = { meter: to.meter_id, result: moved.outcome }
  })

  const toReader = (card: BenchCard): Promise<void> | undefined => (workstation.id === null ? undefined : move(card, { kind: 'reader', workstation_id: workstation.id }))
  const toMeter = (card: BenchCard): Promise<void> | undefined => (meter.value === null ? undefined : move(card, { kind: 'meter', meter_id: meter.value.id }))
  const toDrawer = (card: BenchCard): Promise<void> => move(card, { kind: 'drawer' })

  // It belongs to the card: out, by hand or by the pull itself, and it is over.
  watch(() => inReader.value?.id, () => { armed.value = null })

  // What the clerk does on the page moves cards and meters too.
  let timer = 0
  let later = 0
  let stop: (() => void) | null = null
  onMounted(() => {
    // A card that a pull threw out is in the drawer a moment after its reader has lost it.
    const soon = (): void => {
      void refresh()
      globalThis.clearTimeout(later)
      later = Number(globalThis.setTimeout(() => void refresh(), 600))
    }
    stop = listen({
      state: soon,
      sale: soon,
      // What failed while the line was down is over.
      line(now) { if (now === 'open') problem.value = null },
    })
    timer = Number(globalThis.setInterval(() => void refresh(), POLL_MS))
  })
  onBeforeUnmount(() => {
    stop?.()
    globalThis.clearInterval(timer)
    globalThis.clearTimeout(later)
  })

  return {
    world, problem, outcome, meterId, meter, inReader, inMeter, armed, unplugged, refresh, toReader, toMeter, toDrawer,
    /** Its id, when it is there. */
    async newCard(content: 'blank' | 'foreign'): Promise<string | null> {
      let made: string | null = null
      await act(async () => { made = (await api.benchNewCard(content)).id })
      return made
    },
    newMeter: (no: string) => act(async () => { meterId.value = (await api.benchNewMeter(no)).id }),
    enterToken: (id: string, digits: string) => act(async () => {
      outcome.value = null
      outcome.value = { meter: id, result: (await api.benchEnterToken(id, digits)).outcome }
    }),
    pass: (id: string, seconds: number, watts: number) => act(async () => { outcome.value = null; await api.benchPass(id, seconds, watts) }),
    power: (id: string, on: boolean) => act(() => api.benchPower(id, on)),
    pullAfter: (cells: number) => act(async () => {
      if (workstation.id === null) return
      await api.benchFault(workstation.id, { pull_after_cells: cells })
      armed.value = cells
    }),
    unplug: (unplug: boolean) => act(async () => {
      if (workstation.id === null) return
      await api.benchFault(workstation.id, { unplug })
    }),
  }
}

export type Bench = ReturnType<typeof useBench>
