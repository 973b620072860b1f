import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
// The development server hands /api on to a running `dianka serve`.
const server = process.env.DIANKA_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue()],
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
