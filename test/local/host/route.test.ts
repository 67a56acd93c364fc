import { compileRoute, matchRoute } from '../../../local/host/route'

const route = (template: string, methods = ['GET']) =>
  compileRoute(template, methods, { target: template, where: 'function "f"' })
const routes = [
  'api/stores/{store}',
  'api/stores/main',
  'api/stores/{id:int}',
  'api/files/{*path}',
  'api/items/{item?}',
  '{ignored:maxlength(0)?}',
].map((template) => route(template))

test.each([
  ['/', '{ignored:maxlength(0)?}', {}],
  ['/api/stores/main', 'api/stores/main', {}],
  ['/api/stores/MAIN/', 'api/stores/main', {}],
  ['/api/stores/42', 'api/stores/{id:int}', { id: '42' }],
  ['/api/stores/North%20Side', 'api/stores/{store}', { store: 'North Side' }],
  ['/api/stores/100%', 'api/stores/{store}', { store: '100%' }],
  ['/api/files/2026/03/01.csv', 'api/files/{*path}', { path: '2026/03/01.csv' }],
  ['/api/items', 'api/items/{item?}', {}],
  ['/api/items/7', 'api/items/{item?}', { item: '7' }],
])('%s goes to %s', (path, target, params) => {
  expect(matchRoute(routes, 'GET', path)).toEqual({ target, params })
})

test.each(['/x', '//', '/api', '/api/stores', '/api/stores/a/b', '/stores/main', '/api/stores/main.html/x'])(
  '%s goes nowhere',
  (path) => {
    expect(matchRoute(routes, 'GET', path)).toBeUndefined()
  },
)

test('a method not asked for goes nowhere', () => {
  expect(matchRoute(routes, 'POST', '/api/stores/main')).toBeUndefined()
})

test('text in a route is text and not an expression', () => {
  expect(matchRoute([route('api/a.b')], 'GET', '/api/axb')).toBeUndefined()
})

test.each(['api/{id:even}', 'api/{a}-{b}', 'api/v{n}'])('the route %s is refused by name', (template) => {
  expect(() => route(template)).toThrow('function "f": route')
})
