import { ref } from 'vue'

const KEY = 'dianka.bench'

/** Whether the bench panel is open; kept for this tab. */
export const benchOpen = ref(sessionStorage.getItem(KEY) === 'open')

export function toggleBench(): void {
  benchOpen.value = !benchOpen.value
  sessionStorage.setItem(KEY, benchOpen.value ? 'open' : 'closed')
}
