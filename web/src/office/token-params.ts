import { type ComputedRef, type Ref, computed, ref, watch } from 'vue'
import type { Driver, NewMeterType } from '@/api/types'
import { parseWhole } from '@/format/number'

/** What a driver publishes about a parameter that it has to be told. */
export interface ParamSpec { name: string; kind: 'flag' | 'int' | 'text' | 'bytes'; required: boolean; doc: { zh: string; en: string } }

interface Described { Meter?: { carrier?: string; params?: ParamSpec[] }; carrier?: string; params?: ParamSpec[] }

/** The parameters of a token standard, as a form: what is left empty is left out, what is a number goes as one. */
export function tokenParams(driver: ComputedRef<Driver | undefined>): {
  specs: ComputedRef<ParamSpec[]>
  values: Ref<Record<string, string>>
  body: () => NewMeterType['token_params']
} {
  const values = ref<Record<string, string>>({})
  const specs = computed(() => {
    const described = driver.value?.description as Described | null | undefined
    const meter = described?.Meter ?? described
    return meter?.carrier === 'token' ? (meter.params ?? []) : []
  })
  watch(() => driver.value?.id, () => { values.value = {} })
  const typed = (spec: ParamSpec, text: string): unknown => {
    if (spec.kind === 'int') return parseWhole(text) ?? text
    return spec.kind === 'flag' ? text === 'true' : text
  }
  // The schema says "an object" without saying of what.
  const body = (): NewMeterType['token_params'] => Object.fromEntries(specs.value.flatMap((spec) => {
    const text = (values.value[spec.name] ?? '').trim()
    return text === '' ? [] : [[spec.name, typed(spec, text)] as const]
  })) as NewMeterType['token_params']
  return { specs, values, body }
}
