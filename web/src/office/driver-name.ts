import type { Driver } from '@/api/types'
import type { Language } from '@/i18n/language'

export const driverName = (driver: Driver, language: Language): string => (language === 'en' ? driver.name.en : driver.name.zh)
