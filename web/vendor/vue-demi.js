// vue-query reaches Vue through vue-demi, which keeps all of Vue; this is the part of it that Vue 3 needs.
export * from 'vue'
export const isVue2 = false
