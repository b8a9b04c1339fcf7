// One class, so that a problem of provisioning is told like one of the stack's own.
export { Problem as StackProblem } from '@bankcrm/provision';
