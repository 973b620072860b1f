// Which receipt was the last one on this computer, and how often it was printed; and whether to print by itself.
import { ref } from 'vue'

const LAST = 'dianka.last-receipt'
const AUTO = 'dianka.auto-print'

interface Last { id: string; prints: number }

function load(): Last | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(LAST) ?? 'null')
    return typeof value === 'object' && value !== null && 'id' in value && 'prints' in value ? value as Last : null
  } catch {
    return null
  }
}

export const last = ref<Last | null>(load())
export const autoPrint = ref(localStorage.getItem(AUTO) === 'on')

export function rememberLast(id: string): void {
  if (last.value?.id === id) return
  last.value = { id, prints: 0 }
  localStorage.setItem(LAST, JSON.stringify(last.value))
}

/** Counts a print; the first is the original, what follows are copies of it under the same number. */
export function countPrint(id: string): void {
  if (last.value?.id !== id) return
  last.value = { id, prints: last.value.prints + 1 }
  localStorage.setItem(LAST, JSON.stringify(last.value))
}

export function setAutoPrint(on: boolean): void {
  autoPrint.value = on
  localStorage.setItem(AUTO, on ? 'on' : 'off')
}
