import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
// The development server hands /api on to a running `dianka serve`.
const server = process.env.DIANKA_URL ?? 'http://127.0.0.1:8080'

/** Two libraries import Vue as one object, which would keep all of it; see the files in vendor/. */
const leanVue = {
  name: 'lean-vue',
  enforce: 'pre' as const,
  resolveId(source: string, importer: string | undefined): string | undefined {
    if (source === 'vue-demi') return here('./vendor/vue-demi.js')
    if (source === 'vue' && importer?.includes('/vue-i18n/dist/') === true) return here('./vendor/vue-for-i18n.js')
    return undefined
  },
}

export default defineConfig({
  plugins: [leanVue, vue()],
  // What the page does not use is left out of Vue and vue-i18n: the counter opens on slow machines.
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'true',
  },
  resolve: { alias: { '@catalogue': here('../i18n'), '@': here('./src') } },
  server: {
    proxy: { '/api': { target: server, changeOrigin: false } },
    fs: { allow: [here('.'), here('../i18n')] },
  },
  build: {
    target: 'chrome111',
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  test: { environment: 'happy-dom', include: ['test/**/*.test.ts'], restoreMocks: true },
})
