import { ref } from 'vue'

export type Theme = 'light' | 'dark'
const KEY = 'dianka.theme'
const system = globalThis.matchMedia?.('(prefers-color-scheme: dark)')

const stored = localStorage.getItem(KEY)
export const theme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : system?.matches === true ? 'dark' : 'light')

function apply(): void {
  document.documentElement.dataset.theme = theme.value
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEY, theme.value)
  apply()
}

apply()
