// vue-i18n imports all of Vue as one object, only to look up getCurrentInstance; so the bundler must keep all of it.
// This is the same Vue with the names that vue-i18n uses, and the rest can be left out.
export {
  Fragment, Text, computed, createVNode, defineComponent, effectScope, getCurrentInstance, getCurrentScope, h, inject, isRef, onMounted, onScopeDispose, onUnmounted,
  ref, shallowRef, watch,
} from 'vue'
