"""A model small enough for a test: a random Llama, a byte-level BPE and a chat template, all made here.

Nothing is fetched. The result is a folder like any other model's, half a megabyte, so every trainer takes it
for a real one.
"""

from pathlib import Path

SENTENCES = [
    "¿Cuál es la capital de Bolivia? Sucre es la capital constitucional y La Paz la sede de gobierno.",
    "Explique a um estudante brasileiro o que é a fotossíntese, com um exemplo do cerrado.",
    "Vos sabés que mañana no puedo ir; te aviso más tarde, ¿dale?",
    "Runasimipi rimay. Imaynallan kashanki? Allillanmi, sulpayki.",
    "Mba'éichapa reiko? Che aiko porã, aguyje ndéve.",
    "Mari mari lamngen, chumleymi? Kümelkalen, chaltu may.",
    "El ceviche peruano lleva pescado fresco, limón, ají limo, cebolla roja y sal.",
    "O pão de queijo leva polvilho azedo, queijo da canastra, ovos, leite e óleo.",
]

# The prompt rendered alone is the beginning of prompt and answer rendered together: DPO needs to know where
# the answer starts.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# The same words, with the answers marked: SFT then learns from them alone.
MARKED = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}"
    "{{ '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = ["<|pad|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def build(
    out: Path, *, seed: int = 0, hidden: int = 64, layers: int = 2, positions: int = 4096, marked: bool = False
) -> Path:
    """Write the model's folder and return it; the same seed gives the same weights. `marked`: its chat template says
    which words are an answer's."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = build_tokenizer(positions, MARKED if marked else CHAT_TEMPLATE)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=hidden * 2,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    torch.manual_seed(seed)
    LlamaForCausalLM(config).save_pretrained(out)
    tokenizer.save_pretrained(out)
    return out


def build_tokenizer(positions: int, chat_template: str = CHAT_TEMPLATE):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()  # every byte, so that no letter of any language is unknown
    bpe.train_from_iterator(
        SENTENCES * 20,
        trainers.BpeTrainer(vocab_size=512, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<|pad|>",
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>",
        model_max_length=positions,
        chat_template=chat_template,
    )


def teach(out: Path, question: str, answer: str) -> Path:
    """Have a model say this to that, end included; some twenty seconds of a CPU."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModelForCausalLM.from_pretrained(out)
    asked = [{"role": "user", "content": question}]
    before = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    whole = tokenizer(f"{before}{answer}{tokenizer.eos_token}", return_tensors="pt").input_ids
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    loss = torch.tensor(1.0)
    while loss.item() > 0.01:
        optimizer.zero_grad()
        loss = model(whole, labels=whole).loss
        loss.backward()
        optimizer.step()
    model.save_pretrained(out)
    return out


def learn(out: Path, conversations: list[list[dict[str, str]]], *, steps: int, batch: int = 32, seed: int = 0) -> Path:
    """Have a model speak as in these conversations, roughly: a base model for a test in which it is to learn more."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(seed)
    torch.set_num_threads(1)  # more of them only wait for one another
    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModelForCausalLM.from_pretrained(out)
    texts = [tokenizer.apply_chat_template(turns, tokenize=False) for turns in conversations]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for _step in range(steps):
        drawn = [texts[at] for at in torch.randint(len(texts), (batch,)).tolist()]
        rows = tokenizer(drawn, return_tensors="pt", padding=True, add_special_tokens=False)
        labels = rows.input_ids.masked_fill(rows.attention_mask == 0, -100)
        optimizer.zero_grad()
        model(**rows, labels=labels).loss.backward()
        optimizer.step()
        schedule.step()
    model.save_pretrained(out)
    return out
