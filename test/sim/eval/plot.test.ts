import { svgOf } from '../../../sim/eval/plot'

test('points lie where they should, from the lower left corner, and what is no number is left out', () => {
  const series = [{ label: 'a < b', color: '#000', points: [[0, 0] as const, [1, 0.5] as const, [NaN, 1] as const] }]
  const svg = svgOf({ title: 't & u', x: 'x', y: 'y', series })
  expect(svg).toContain('points="60.0,360.0 380.0,200.0"')
  expect(svg.match(/<circle/g)).toHaveLength(2)
  expect(svg).toContain('a &lt; b')
  expect(svg).toContain('t &amp; u')
})

test('decades are as wide as each other', () => {
  const series = [{ label: '', color: '#000', points: [[0.01, 0.0001] as const, [0.1, 0] as const] }]
  expect(svgOf({ title: '', x: '', y: '', series, decades: 4 })).toContain('points="220.0,360.0 300.0,360.0"')
})
