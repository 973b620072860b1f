import { computed, onBeforeUnmount, onMounted, shallowRef } from 'vue'
import type { Key } from '@/i18n'

export interface KeyAction {
  /** As the browser names it: `F2`, `Escape`. */
  key: string
  label: Key
  run(): void
  /** Shown and working only then; always, if absent. */
  when?(): boolean
  /** Works, and is not in the bar at the bottom. */
  silent?: boolean
}

// The newest layer comes first: a panel over a page takes a key before the page does.
const layers = shallowRef<readonly (readonly KeyAction[])[]>([])

/** The keys that work now, each once. */
export const activeKeys = computed(() => {
  const found = new Map<string, KeyAction>()
  for (const action of layers.value.flat()) {
    if (!found.has(action.key) && (action.when?.() ?? true)) found.set(action.key, action)
  }
  return found
})

function onKey(event: KeyboardEvent): void {
  // Enter held down would submit one form after the other, up to the charge.
  if (event.key === 'Enter' && event.repeat) event.preventDefault()
  // While an input method composes, its keys are not ours; a key held down acts once.
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) return
  const action = activeKeys.value.get(event.key)
  if (action === undefined) return
  event.preventDefault()
  if (!event.repeat) action.run()
}

export function installKeys(): void {
  document.addEventListener('keydown', onKey)
}

/** The keys of a component, while it is on the screen. */
export function useKeys(actions: readonly KeyAction[]): void {
  onMounted(() => { layers.value = [actions, ...layers.value] })
  onBeforeUnmount(() => { layers.value = layers.value.filter((layer) => layer !== actions) })
}
