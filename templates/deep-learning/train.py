"""Trains a small network to tell two spirals apart."""

import argparse

import torch
from tqdm import trange

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=300)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

torch.manual_seed(options.seed)
device = "cuda" if torch.cuda.is_available() else "cpu"

turns = torch.rand(1000) * 3
angle = turns * torch.pi
arm = torch.randint(2, (1000,))
points = torch.stack([angle.cos(), angle.sin()], 1) * (turns * (1 - 2 * arm))[:, None]
points, labels = (points + 0.05 * torch.randn_like(points)).to(device), arm.to(device)

model = torch.nn.Sequential(
    torch.nn.Linear(2, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 2)
).to(device)
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in trange(options.epochs):
    loss = torch.nn.functional.cross_entropy(model(points), labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

accuracy = (model(points).argmax(1) == labels).float().mean().item()
torch.save(model.state_dict(), "model.pt")
print(f"{device}: loss {loss.item():.4f}, accuracy {accuracy:.3f}, written to model.pt")
