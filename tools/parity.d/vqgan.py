"""The VQGANs: Lightning checkpoints with a yaml beside them."""

import torch

from common import xrv
from published import Published, lightning


class VQGAN(Published):
    images = 1

    def __init__(self, name, file, width, multiples, codes, dimension):
        self.name, self.file = name, file
        self.width, self.multiples = width, multiples
        self.codes, self.dimension = codes, dimension

    def write(self, path, batch):
        settings = dict(
            double_z=False, z_channels=self.dimension, resolution=768, in_channels=3, out_ch=3,
            ch=self.width, num_res_blocks=2, attn_resolutions=[24], dropout=0.0,
            ch_mult=list(self.multiples))
        lines = ["model:", "  params:", f"    embed_dim: {self.dimension}",
                 f"    n_embed: {self.codes}", "    ddconfig:"]
        for key, value in settings.items():
            if isinstance(value, list):
                lines += [f"      {key}:"] + [f"      - {number}" for number in value]
            else:
                lines.append(f"      {key}: {value}")
        path.with_suffix(".yaml").write_text("\n".join(lines) + "\n")
        module = xrv.baseline_models.ieee8023
        network = module.VQModel(ddconfig=settings, n_embed=self.codes, embed_dim=self.dimension)
        with torch.no_grad():
            for name, value in network.named_parameters():
                if "norm" in name and name.endswith("weight"):
                    value.uniform_(0.5, 1.5)
                elif "norm" in name:
                    value.uniform_(-0.5, 0.5)
            # Codes as large as what they shall stand for.
            image = (batch[:1] / 1024).repeat(1, 3, 1, 1)
            z = network.quant_conv(network.encoder(image))
            mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
            network.quantize.embedding.weight.copy_(
                torch.randn(self.codes, self.dimension) * deviation + mean)
        state = network.state_dict()
        state["loss.discriminator.main.0.weight"] = torch.randn(64, 3, 4, 4)
        torch.save(lightning(state), path)

    def upstream(self, path):
        return xrv.baseline_models.ieee8023.VQGAN(weights=self.name)

    def outputs(self, model, images):
        x = model.upsample((images / 1024).repeat(1, 3, 1, 1))
        latent, _, (_, _, codes) = model.model.encode(x)
        side = latent.shape[2:]
        return {
            "latent": latent,
            "codes": codes.reshape(len(images), *side).float(),
            "reconstruction": model.decode(latent),
        }


MODELS = [
    VQGAN("cxr2-vqgan-768-sd", "2023-07-04T06-25-02_cxr2_vqgan_768_sd.ckpt",
          64, (1, 1, 2, 2, 4, 4), 256, 64),
    VQGAN("cxr2-vqgan-768-msdd", "2023-07-29T17-34-14_cxr2_vqgan_768_msdd.ckpt",
          64, (1, 1, 2, 2, 4, 4, 4), 512, 128),
]
