import { computed, reactive, readonly, watch } from 'vue'
import * as api from '@/api/calls'
import type { EventLine, LineState, ServerEvent } from '@/api/sse'
import type { CardView, Coded, Replacement, Sale, Workstation, WorkstationState } from '@/api/types'
import { session } from './session'
import { openSharedLine } from './shared-line'

const KEY = 'dianka.workstation'
/** A page that nobody looks at gives its connection back: a browser has six per server. */
const HIDDEN_MS = 10_000

interface State {
  list: Workstation[]
  listed: boolean
  id: string | null
  line: LineState
  attempt: number
  /** What the server last said of the reader; null until it has spoken. */
  now: WorkstationState | null
}

const state = reactive<State>({ list: [], listed: false, id: sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY), line: 'connecting', attempt: 0, now: null })
export const workstation = readonly(state) as Readonly<State>
export const current = computed(() => state.list.find((one) => one.id === state.id) ?? null)

export interface Listener {
  /** `first` after the line came up: a card that is in was not announced to this page. */
  state?(now: WorkstationState, first: boolean): void
  card?(view: CardView): void
  sale?(sale: Sale): void
  replacement?(replacement: Replacement): void
  line?(line: LineState): void
  progress?(sale_id: string, step: string): void
  /** A card came in, and the server could not take it up. */
  problem?(problem: Coded): void
}

const listeners = new Set<Listener>()
let line: EventLine | null = null
let hiddenTimer = 0
let first = true

/** Hears what happens at the workstation; the returned function stops it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(call: (listener: Listener) => void): void {
  for (const listener of [...listeners]) call(listener)
}

function onState(now: WorkstationState): void {
  const wasFirst = first
  first = false
  state.now = now
  tell((listener) => listener.state?.(now, wasFirst))
}

function onEvent(event: ServerEvent): void {
  let body: unknown
  try {
    body = JSON.parse(event.data)
  } catch {
    return
  }
  switch (event.event) {
    case 'state': onState(body as WorkstationState); break
    case 'card': tell((listener) => listener.card?.(body as CardView)); break
    case 'sale': tell((listener) => listener.sale?.(body as Sale)); break
    case 'replacement': tell((listener) => listener.replacement?.(body as Replacement)); break
    case 'problem': tell((listener) => listener.problem?.(body as Coded)); break
    case 'progress': {
      const { sale_id, step } = body as { sale_id: string; step: string }
      tell((listener) => listener.progress?.(sale_id, step))
      break
    }
    // This page was too slow for the events: it looks again.
    case 'lagged':
      first = true
      if (state.id !== null) void api.workstationState(state.id).then(onState, () => undefined)
      break
  }
}

function onLine(next: LineState, attempt: number): void {
  state.line = next
  state.attempt = attempt
  if (next === 'open') first = true
  if (next === 'down') state.now = null
  tell((listener) => listener.line?.(next))
}

function connect(): void {
  disconnect()
  if (session.status !== 'signed-in' || state.id === null || document.hidden) return
  line = openSharedLine(`/api/v1/workstations/${encodeURIComponent(state.id)}/events`, { onEvent, onLine })
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
  // A tab keeps its own counter; a new tab, and tomorrow's, have the last one that was chosen.
  for (const kept of [sessionStorage, localStorage]) {
    if (id === null) kept.removeItem(KEY)
    else kept.setItem(KEY, id)
  }
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
// A page that was left is kept whole for "back", its connection with it, and there are six of them.
globalThis.addEventListener('pagehide', disconnect)
globalThis.addEventListener('pageshow', (event) => { if (event.persisted && line === null) connect() })
