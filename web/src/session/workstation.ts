import { computed, reactive, readonly, watch } from 'vue'
import * as api from '@/api/calls'
import { type EventLine, type LineState, type ServerEvent, openEventLine } from '@/api/sse'
import type { CardView, Sale, Workstation, WorkstationState } from '@/api/types'
import { session } from './session'

const KEY = 'dianka.workstation'
/** A page that nobody looks at gives its connection back: a browser has six per server. */
const HIDDEN_MS = 120_000

interface State {
  list: Workstation[]
  listed: boolean
  id: string | null
  line: LineState
  attempt: number
  /** What the server last said of the reader; null until it has spoken. */
  now: WorkstationState | null
}

const state = reactive<State>({ list: [], listed: false, id: localStorage.getItem(KEY), line: 'connecting', attempt: 0, now: null })
export const workstation = readonly(state) as Readonly<State>
export const current = computed(() => state.list.find((one) => one.id === state.id) ?? null)

export interface Listener {
  state?(now: WorkstationState): void
  card?(view: CardView): void
  sale?(sale: Sale): void
  line?(line: LineState): void
}

const listeners = new Set<Listener>()
let line: EventLine | null = null
let hiddenTimer = 0

/** Hears what happens at the workstation; the returned function stops it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(call: (listener: Listener) => void): void {
  for (const listener of [...listeners]) call(listener)
}

function onEvent(event: ServerEvent): void {
  let body: unknown
  try {
    body = JSON.parse(event.data)
  } catch {
    return
  }
  if (event.event === 'state') {
    const now = body as WorkstationState
    state.now = now
    tell((listener) => listener.state?.(now))
  } else if (event.event === 'card') tell((listener) => listener.card?.(body as CardView))
  else if (event.event === 'sale') tell((listener) => listener.sale?.(body as Sale))
}

function onLine(next: LineState, attempt: number): void {
  state.line = next
  state.attempt = attempt
  if (next === 'down') state.now = null
  tell((listener) => listener.line?.(next))
}

function connect(): void {
  disconnect()
  if (session.status !== 'signed-in' || state.id === null || document.hidden) return
  line = openEventLine(`/api/v1/workstations/${encodeURIComponent(state.id)}/events`, { onEvent, onLine })
}

function disconnect(): void {
  line?.close()
  line = null
  state.now = null
}

export const retryNow = (): void => line?.retryNow()

export async function loadWorkstations(): Promise<void> {
  state.list = (await api.workstations()).items
  state.listed = true
  if (current.value !== null) return
  // One that is the server's own is the obvious one on a one-counter system; else the clerk chooses.
  const own = state.list.filter((one) => one.kind === 'built-in')
  choose(own.length === 1 ? own[0]?.id ?? null : null)
}

export function choose(id: string | null): void {
  if (id === state.id) return
  state.id = id
  if (id === null) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, id)
}

watch(() => [session.status, state.id], () => {
  state.line = 'connecting'
  connect()
}, { immediate: true })

document.addEventListener('visibilitychange', () => {
  globalThis.clearTimeout(hiddenTimer)
  if (document.hidden) hiddenTimer = Number(globalThis.setTimeout(disconnect, HIDDEN_MS))
  else if (line === null) connect()
})
