export async function databases(_args: string[], _env: unknown): Promise<void> {}
