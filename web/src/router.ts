import { type RouteRecordRaw, createRouter, createWebHistory } from 'vue-router'
import { session } from '@/session/session'
import { type Key, loadBackTexts } from '@/i18n'

declare module 'vue-router' {
  interface RouteMeta { title?: Key; open?: boolean; /** Needs no texts of the back office. */ counter?: boolean }
}

const office: RouteRecordRaw[] = [
  { path: 'work', meta: { title: 'shell.work' }, component: () => import('@/office/WorkPage.vue') },
  { path: 'books', meta: { title: 'shell.books' }, component: () => import('@/office/ReconcilePage.vue') },
  { path: 'meters', meta: { title: 'shell.meters' }, component: () => import('@/office/MetersPage.vue') },
  { path: 'accounts', meta: { title: 'shell.accounts' }, component: () => import('@/office/AccountsPage.vue') },
  { path: 'accounts/:id', meta: { title: 'shell.accounts' }, component: () => import('@/office/AccountPage.vue'), props: true },
  { path: 'sales/:id', meta: { title: 'office.sale' }, component: () => import('@/office/SaleRecordPage.vue'), props: true },
  { path: 'settings/meter-types', meta: { title: 'shell.meter_types' }, component: () => import('@/office/MeterTypesPage.vue') },
  { path: 'settings/tariffs', meta: { title: 'shell.tariffs' }, component: () => import('@/office/TariffsPage.vue') },
  { path: 'settings/areas', meta: { title: 'shell.areas' }, component: () => import('@/office/AreasPage.vue') },
  { path: 'settings/sites', meta: { title: 'shell.sites' }, component: () => import('@/office/SitesPage.vue') },
  { path: 'settings/drivers', meta: { title: 'shell.drivers' }, component: () => import('@/office/DriversPage.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/setup', meta: { open: true, title: 'auth.setup_title' }, component: () => import('@/pages/SetupPage.vue') },
    { path: '/login', meta: { open: true, title: 'auth.login_title' }, component: () => import('@/pages/LoginPage.vue') },
    {
      path: '/',
      component: () => import('@/shell/AppShell.vue'),
      children: [
        { path: '', redirect: '/sale' },
        { path: 'sale', meta: { title: 'shell.sale', counter: true }, component: () => import('@/counter/sale/SalePage.vue') },
        { path: 'open', meta: { title: 'shell.open', counter: true }, component: () => import('@/counter/open/OpenPage.vue') },
        { path: 'accounts/:id/replace', meta: { title: 'replace.title', counter: true }, component: () => import('@/counter/replace/ReplacePage.vue'), props: true },
        { path: 'analysis', meta: { title: 'shell.analysis' }, component: () => import('@/analysis/AnalysisPage.vue') },
        { path: 'help', meta: { title: 'help.title' }, component: () => import('@/pages/HelpPage.vue') },
        ...office,
        { path: ':rest(.*)*', meta: { title: 'common.not_found' }, component: () => import('@/pages/NotFoundPage.vue') },
      ],
    },
  ],
})

router.beforeEach((to) => {
  if (session.status === 'setup') return to.path === '/setup' || { path: '/setup', query: to.query }
  if (session.status === 'signed-in') return to.meta.open === true ? goOn(to.query.next) : true
  return to.path === '/login' || { path: '/login', query: to.path === '/' || to.meta.open === true ? {} : { next: to.fullPath } }
})

router.beforeResolve(async (to) => {
  if (to.meta.open !== true && to.meta.counter !== true) await loadBackTexts()
})

/** Back to where one was going; inside this page only. */
export function goOn(next: unknown): string {
  return typeof next === 'string' && next.startsWith('/') && !next.startsWith('//') ? next : '/sale'
}
