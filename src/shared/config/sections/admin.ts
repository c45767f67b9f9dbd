/** The section `admin`: who may use the operator's endpoints of the service port. */
import { z } from 'zod';
import { flagOrAuto } from '../fields.ts';

export const admin = z.strictObject({
  trust_loopback: flagOrAuto({
    applies: 'rolling',
    says: 'Whether a caller on this machine, without forwarding header, Origin or foreign Host, has the admin scope; `auto` trusts it while the service is bound to loopback and client authentication is off. Health, status and metrics are open to it unless this is false.',
  }),
});
