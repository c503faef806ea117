// Steps 32 games side by side as a stream of joint steps, and averages the returns of their first 100 episodes.
import {
  createEpisodeTracker,
  createRandom,
  createVectorGame,
  episodes,
  fastClock,
  gameOf,
  policiesOf,
  simulate,
} from 'marlstrom'
import { map, reduce, take } from 'rxjs'

const create = gameOf({ scenario: { id: 'simple_spread', rules: 'openai' } })
const games = createVectorGame({ create, games: 32, random: game => createRandom(1, 'game', game) })

fastClock()
  .pipe(
    simulate(games, policiesOf('scripted', games.games, 1)),
    episodes(createEpisodeTracker(32, games.agents.length)),
    take(100),
    map(episode => episode.returns[0]!),
    reduce((sum, value) => sum + value / 100, 0),
  )
  .subscribe(mean => console.log(`scripted controller: ${mean.toFixed(1)} per agent per episode`))
