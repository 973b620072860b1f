import { ref } from 'vue'

const KEY = 'dianka.bench'

/** Whether the bench panel is open; kept for this tab. */
export const benchOpen = ref(sessionStorage.getItem(KEY) === 'open')
/** Whether somebody opened it by himself, and does not merely find it open after a reload. */
export const benchAsked = ref(false)

export function toggleBench(): void {
  benchOpen.value = !benchOpen.value
  benchAsked.value = benchOpen.value
  sessionStorage.setItem(KEY, benchOpen.value ? 'open' : 'closed')
}
