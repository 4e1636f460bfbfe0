import { z } from '@hono/zod-openapi'

export const UserOut = z
  .object({
    id: z.int(),
    email: z.string(),
    name: z.string(),
    role: z.string(),
    language: z.string(),
    disabled: z.boolean(),
    createdAt: z.string(),
  })
  .openapi('User')

export const KeyOut = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    createdBy: z.string(),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    usedAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
  })
  .openapi('ApiKey')

export const AuditOut = z
  .object({
    id: z.int(),
    at: z.string(),
    actor: z.string(),
    act: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry')
