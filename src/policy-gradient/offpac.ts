// Off-PAC, the off-policy policy gradient (Degris et al. 2012): up E_mu[(pi / mu) Q grad log pi], over what earlier policies did.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { withDefaults } from '../learning/options.ts'
import { createOffPolicyLearner } from './acer.ts'
import { offPolicyOptions } from './off-policy.ts'

/**
 * The paper's critic is linear and learns by GTD(lambda); networks learn from replayed segments instead, to Retrace's targets. What is left is
 * ACER without its average policy and without a correction for ratios that are truncated.
 */
export const offpac = defineAlgorithm({
  id: 'offpac',
  description: 'off-policy policy gradient (Degris et al. 2012)',
  options: withDefaults(offPolicyOptions, { lambda: 0.9 }),
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner: (team, settings) =>
    createOffPolicyLearner(team, { ...settings, biasCorrection: false, averageDecay: 1, averageRegion: null }),
})
