// How often policies win in games in turns, computed instead of played: tic-tac-toe by its whole tree, Pig by linear equations.
import {
  createGameTree,
  evenChances,
  exactResult,
  games,
  holdAt,
  keepPace,
  pigWinRate,
  scriptedTurns,
  solvePig,
} from 'marlstrom'

const percent = (share: number) => `${(100 * share).toFixed(2)} %`

const ticTacToe = games.tic_tac_toe!.create()
const tree = createGameTree(ticTacToe)
console.log(`tic-tac-toe: ${tree.positions} positions, worth ${tree.at().value} to who begins`)
const { wins, draws } = exactResult(ticTacToe, [evenChances, scriptedTurns])
console.log(`chance, beginning, against the perfect player: won ${percent(wins[0])}, drawn ${percent(draws)}`)

const optimal = solvePig()
console.log(`Pig: who begins wins ${percent(optimal.chance({ own: 0, other: 0, turnTotal: 0 }))} when both play best`)
const policies = { 'hold at 20': holdAt(20), 'hold at 25': holdAt(25), 'keep pace and end race': keepPace }
for (const [name, policy] of Object.entries(policies)) {
  console.log(`${name} wins ${percent(pigWinRate(policy, optimal.holds).mean)} against the optimal policy`)
}
