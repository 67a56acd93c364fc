import fc from 'fast-check'
import { planKills, victims } from '../../../sim/soak/plan'

const runs = fc.record({
  seed: fc.nat(),
  kills: fc.integer({ min: 0, max: 60 }),
  forMs: fc.integer({ min: 10_000, max: 600_000 }),
})

test('a plan has the kills asked for, in order of time, within the run, of each victim as many as of another', () => {
  fc.assert(
    fc.property(runs, ({ seed, kills, forMs }) => {
      const plan = planKills({ seed, kills, forMs })
      expect(plan).toHaveLength(kills)
      expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).sort((a, b) => a - b))
      for (const { atMs } of plan) expect(atMs > 0 && atMs < forMs).toBe(true)
      const counts = victims.map((victim) => plan.filter((kill) => kill.victim === victim).length)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      expect(planKills({ seed, kills, forMs })).toEqual(plan)
    }),
  )
})
