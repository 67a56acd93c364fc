import { app } from '@azure/functions'
import { withReason } from '../src/app/handler'

/** For every function of the app: one that rejects with nothing has failed, and says so. */
app.hook.preInvocation((context) => {
  context.functionHandler = withReason(context.invocationContext.functionName, context.functionHandler)
})
