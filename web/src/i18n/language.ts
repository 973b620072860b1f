// Which language; apart from the texts, so that the client can say it in its requests without loading them.
export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const KEY = 'dianka.language'

function remembered(): Language {
  const stored = globalThis.localStorage?.getItem(KEY)
  return LANGUAGES.find((language) => language === stored) ?? 'zh-CN'
}

let language: Language = remembered()

export const currentLanguage = (): Language => language

export function rememberLanguage(next: Language): void {
  language = next
  globalThis.localStorage?.setItem(KEY, next)
  document.documentElement.lang = next
}
