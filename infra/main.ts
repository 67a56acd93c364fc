import { App } from 'cdktf'
import { environments } from './config'
import { TillstreamStack } from './stack'

// Where the state is cannot be a variable of Terraform. Without the name the stacks are only good to look at.
const stateAccount = process.env.TILLSTREAM_STATE_ACCOUNT ?? 'state-account-not-set'

const app = new App()
for (const config of Object.values(environments)) {
  new TillstreamStack(app, `tillstream-${config.name}`, { config, stateAccount })
}
app.synth()
