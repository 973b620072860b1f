// Which receipt was the last one on this computer, and whether to print by itself. How often one was printed is the
// server's to count.
import { ref } from 'vue'

const LAST = 'dianka.last-receipt'
const AUTO = 'dianka.auto-print'

export const last = ref(localStorage.getItem(LAST))
export const autoPrint = ref(localStorage.getItem(AUTO) === 'on')

export function rememberLast(id: string): void {
  last.value = id
  localStorage.setItem(LAST, id)
}

export function setAutoPrint(on: boolean): void {
  autoPrint.value = on
  localStorage.setItem(AUTO, on ? 'on' : 'off')
}
