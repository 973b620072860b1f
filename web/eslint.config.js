import a11y from 'eslint-plugin-vuejs-accessibility'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

export default [
  { ignores: ['dist/**', 'node_modules/**', 'e2e/out/**', 'src/api/schema.d.ts'] },
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  ...a11y.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: ts.parser, sourceType: 'module', extraFileExtensions: ['.vue'] },
    },
    rules: {
      // Layout is the formatter's business; these would only argue about line breaks.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/multi-word-component-names': 'off',
      // Optional properties are typed as optional; a default would hide "not given".
      'vue/require-default-prop': 'off',
      // A label around its control, or one with `for`: either names it.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      // Focus moves to what the clerk needs next; each place says why.
      'vuejs-accessibility/no-autofocus': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      'no-restricted-imports': ['error', {
        paths: [{ name: 'vue-i18n', message: 'Use useTexts() of @/i18n: its keys are typed.' },
          { name: 'echarts', message: 'Use the modules listed in analysis/echarts.ts: the whole of it is 1 MB.' }],
      }],
    },
  },
  {
    // The counter opens on slow machines: no component library and no charts there.
    files: ['src/counter/**', 'src/shell/**', 'src/shared/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['element-plus*', 'echarts*', 'vue-i18n', '@/office/*', '@/analysis/*'] }] },
  },
  { files: ['src/i18n/index.ts', 'src/analysis/echarts.ts'], rules: { 'no-restricted-imports': 'off' } },
]
