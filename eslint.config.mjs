import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

const noClock = [
  { object: 'Date', property: 'now', message: 'the fold has no clock: time comes from events' },
  { object: 'Math', property: 'random', message: 'the fold is deterministic' },
  { object: 'process', property: 'env', message: 'settings come in as arguments' },
]

/** Where the language has two ways to write a thing, this house has one. */
const oneHand = [
  {
    selector: 'ImportDeclaration[importKind="type"][attributes.length=0][specifiers.0.type="ImportSpecifier"]',
    message: 'write import { type X }',
  },
  {
    selector: ':matches(PropertyDefinition, MethodDefinition)[accessibility="private"][kind!="constructor"]',
    message: 'write #name',
  },
]

export default tseslint.config(
  { ignores: ['dist/', 'package/', 'node_modules/', '.tillstream/', 'coverage/'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'no-restricted-syntax': ['error', ...oneHand],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/fold/**/*.ts', 'src/event/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...noClock],
      'no-restricted-syntax': [
        'error',
        ...oneHand,
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'no clock here: time comes from events',
        },
        { selector: ':function[async=true]', message: 'decode and fold are synchronous' },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        module: 'readonly',
        require: 'readonly',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
)
