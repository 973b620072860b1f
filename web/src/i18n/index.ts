import { type Composer, type MessageCompiler, type MessageContext, createI18n, useI18n } from 'vue-i18n'
import type { App, WritableComputedRef } from 'vue'
import type { Params } from '@/api/problem'
import { Problem } from '@/api/problem'
import { fill } from '@/format/fill'
import { type Language, currentLanguage, rememberLanguage } from './language'
import type zh from './zh-CN'
import type back from './zh-CN/back'

export type Messages = typeof zh & typeof back
type Leaves<T, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>
}[keyof T & string]
/** Every key of the texts (the shared error catalogue apart: its codes come from the server). */
export type Key = Leaves<Omit<Messages, 'errors'>>

type Catalogue = Record<string, { title: string; action: string }>

/** The texts hold `{name}` and nothing else of vue-i18n's syntax, so its compiler is left out of the build. */
const messageCompiler: MessageCompiler = (message) => (context: MessageContext) =>
  String(message).replace(/\{(\w+)\}/g, (_, name: string) => String(context.named(name) ?? ''))

const i18n = createI18n({
  legacy: false, locale: currentLanguage(), fallbackLocale: [], missingWarn: false, fallbackWarn: false, messages: {}, messageCompiler,
})
const loaders = { 'zh-CN': () => import('./zh-CN'), en: () => import('./en') }
const backLoaders = { 'zh-CN': () => import('./zh-CN/back'), en: () => import('./en/back') }
let withBack = false

/** The texts of the back office, the bench and the help: asked for by whoever shows them, before they are shown. */
export async function loadBackTexts(): Promise<void> {
  if (withBack) return
  const language = currentLanguage()
  i18n.global.mergeLocaleMessage(language, (await backLoaders[language]()).default as never)
  withBack = true
}

export async function setLanguage(language: Language): Promise<void> {
  const [{ default: messages }, back] = await Promise.all([loaders[language](), withBack ? backLoaders[language]() : null])
  i18n.global.setLocaleMessage(language, { ...messages, ...back?.default } as never)
  const locale = i18n.global.locale as unknown as WritableComputedRef<string>
  locale.value = language
  rememberLanguage(language)
}

export async function installTexts(app: App): Promise<void> {
  await setLanguage(currentLanguage())
  app.use(i18n)
}

export interface ProblemText { title: string; action: string }

export interface Texts {
  t(key: Key, params?: Record<string, unknown>): string
  /** A text whose key holds a code of the server; the code itself if there is no text for it. */
  word(group: Key | string, code: string): string
  problem(problem: Problem | { code: string; params?: Params | null }): ProblemText
  language(): Language
}

export function useTexts(): Texts {
  const composer = useI18n<never, Language>({ useScope: 'global' }) as unknown as Composer
  const t: Texts['t'] = (key, params) => composer.t(key, params ?? {})
  const word: Texts['word'] = (group, code) => {
    const key = `${group}.${code.replaceAll('-', '_').replaceAll('.', '_')}`
    return composer.te(key) ? composer.t(key) : code
  }
  return {
    t,
    word,
    language: () => composer.locale.value as Language,
    problem({ code, params, ...rest }) {
      const messages = composer.getLocaleMessage(composer.locale.value) as unknown as { errors: Catalogue } | undefined
      const text = messages?.errors[code]
      // A code that is newer than this page: the server's own sentence, in the language that was asked for.
      if (text === undefined) return { title: ('title' in rest && rest.title) || code, action: '' }
      const words = (name: string, value: string): string => word(`params.${name}`, value)
      return { title: fill(text.title, params ?? {}, words), action: fill(text.action, params ?? {}, words) }
    },
  }
}
