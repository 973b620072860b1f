// The texts of the invariants and of the figures in their rows; shared with the server, loaded with the one page that has them.
import { shallowRef, watchEffect } from 'vue'
import { fill } from '@/format/fill'
import { type Texts } from '@/i18n'

interface Words { invariants: Record<string, { title: string; compares: string }>; facts: Record<string, string> }

const loaders = {
  'zh-CN': async (): Promise<Words> => ({
    invariants: (await import('@catalogue/zh-CN/invariants.json')).default, facts: (await import('@catalogue/zh-CN/facts.json')).default,
  }),
  en: async (): Promise<Words> => ({
    invariants: (await import('@catalogue/en/invariants.json')).default, facts: (await import('@catalogue/en/facts.json')).default,
  }),
}

export function useInvariantTexts({ language }: Texts) {
  const words = shallowRef<Words>({ invariants: {}, facts: {} })
  watchEffect(async () => { words.value = await loaders[language()]() })
  return {
    title: (id: string): string => words.value.invariants[id]?.title ?? id,
    compares: (id: string): string => words.value.invariants[id]?.compares ?? '',
    /** Each figure with its name; its form is by the end of its name. What is not there is left out. */
    facts: (all: Record<string, unknown>): { name: string; value: string }[] => Object.entries(all)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => ({ name: words.value.facts[name] ?? name, value: fill(`{${name}}`, { [name]: value as never }) })),
  }
}
