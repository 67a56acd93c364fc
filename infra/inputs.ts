import { TerraformVariable } from 'cdktf'
import { type Construct } from 'constructs'
import { inputs } from './config'

type InputName = keyof typeof inputs

/** Values that Terraform asks whoever deploys, as references. */
export interface Inputs {
  readonly alertEmail: string
  /** Name, object id and kind of who administers PostgreSQL. */
  readonly name: string
  readonly objectId: string
  readonly type: string
}

/** Declares the inputs as Terraform variables, each refused before anything is planned unless it fits its pattern. */
export function readInputs(scope: Construct): Inputs {
  const declare = (name: InputName): string => {
    const { meaning, pattern, fallback }: { meaning: string; pattern: string; fallback?: string } = inputs[name]
    const variable = new TerraformVariable(scope, name, {
      type: 'string',
      description: meaning,
      nullable: false,
      ...(fallback === undefined ? {} : { default: fallback }),
    })
    const quoted = JSON.stringify(pattern)
    variable.addValidation({
      condition: `\${can(regex(${quoted}, var.${name}))}`,
      errorMessage: `${name}: expected ${meaning}, as ${pattern}; set TF_VAR_${name}.`,
    })
    return variable.stringValue
  }
  return {
    alertEmail: declare('alert_email'),
    name: declare('database_admin_name'),
    objectId: declare('database_admin_object_id'),
    type: declare('database_admin_type'),
  }
}
