import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/shell/theme'
import { createApp } from 'vue'
import { installTexts } from '@/i18n'
import { installKeys } from '@/shell/keys'
import { start } from '@/session/session'
import App from './App.vue'
import { router } from './router'

const app = createApp(App)
installKeys()
await Promise.all([installTexts(app), start()])
app.use(router)
app.mount('#app')
