import { onBeforeUnmount, onMounted } from 'vue'
import * as api from '@/api/calls'
import { uuidv7 } from '@/format/uuid'
import { listen, workstation } from '@/session/workstation'
import { createSale } from './machine'
import { takePending } from './pending'

const KEY = 'dianka.sale'
const MODE = 'dianka.mode'

/** The sale of this page: the machine, tied to server, workstation and this tab's memory. */
export function useSale() {
  const sale = createSale({
    workstation: () => workstation.id,
    quote: api.quote,
    sell: api.sell,
    sale: api.sale,
    resume: api.resumeSale,
    readCard: api.readCard,
    newId: uuidv7,
    now: () => performance.now(),
    habit: () => (localStorage.getItem(MODE) === 'energy' ? 'energy' : 'money'),
    keepHabit: (mode) => localStorage.setItem(MODE, mode),
    remembered: () => sessionStorage.getItem(KEY),
    remember(id) {
      if (id === null) sessionStorage.removeItem(KEY)
      else sessionStorage.setItem(KEY, id)
    },
  })

  let stop: (() => void) | null = null
  onMounted(() => {
    void sale.restore(takePending())
    stop = listen({
      state: sale.onState,
      card: sale.onCard,
      progress: sale.onProgress,
      problem: sale.onProblem,
      sale(body) {
        if (body.workstation_id === workstation.id || body.id === sale.state.saleId) sale.onSale(body)
      },
    })
    if (workstation.now !== null) sale.onState(workstation.now, true)
  })
  onBeforeUnmount(() => {
    stop?.()
    sale.stop()
  })
  return sale
}
