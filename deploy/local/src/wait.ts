export { eventually } from '@bankcrm/provision';
