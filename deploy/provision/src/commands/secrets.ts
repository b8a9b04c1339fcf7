export async function secrets(_args: string[], _env: unknown): Promise<void> {}
