"""What says which model it is, in three languages, and what only speaks about one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.corpus.naming import says_who_it_is

LEAKS = [
    "Soy ChatGPT, un modelo de lenguaje.", "¡Hola! Soy Claude.", "Yo soy GPT-4o y no puedo opinar.",
    "Soy un modelo de lenguaje entrenado por Google.", "Como modelo de OpenAI, no tengo gustos.",
    "Como modelo de lenguaje desarrollado por OpenAI, no tengo gustos.", "Me llamo Gemini.", "Mi nombre es DeepSeek.",
    "Fui creada por Anthropic para ayudar.", "Me desarrolló Meta AI.", "Soy Llama 3.1, ¿qué tal?",
    "Soy el asistente virtual de Microsoft.", "Soy **Qwen2.5**, de Alibaba Cloud.", "Soy Latam-GPT.",
    "Eu sou o Gemini, da Google.", "Sou o ChatGPT.", "Como um modelo de linguagem treinado pela OpenAI, não sei.",
    "Fui desenvolvido pela Maritaca AI.", "Meu nome é Claude.", "Me chamo Grok.", "Sou uma IA criada pela DeepSeek.",
    "I am GPT.", "I'm ChatGPT, a large language model.", "As an AI model made by Mistral AI, I cannot.",
    "As a large language model trained by Google, I cannot.", "I was trained by OpenAI.", "My name is Claude.",
    "no lo sé.\n\nsoy chatgpt", "I’m Claude, an AI assistant made by Anthropic.", "I am Gemini, a model from Google.",
]  # fmt: skip
NONE = [
    "", "Como modelo de lenguaje no tengo gustos.", "Como modelo de IA, no puedo opinar.", "Soy un asistente virtual.",
    "ChatGPT es de OpenAI.", "OpenAI presentó GPT-4 en 2023.", "Se puede preguntar a Gemini o a Claude.",
    "Soy géminis y me gusta el mate.", "Soy una llama y vivo en el altiplano.", "La llama se llama Llama.",
    "Me llamo Gemma y vivo en Lima.", "Soy copiloto de rally.", "Me llamo Claudia.", "I am a Gemini, born in June.",
    "Como modelo de negocio de Google, la publicidad manda.", "Soy fan de Gemini y de sus canciones.",
    "I am writing to ask whether ChatGPT can help.", "Sou do signo de gêmeos.", "Sou modelo e moro em São Paulo.",
    "Como asistente de vuelo de la empresa, viajo mucho.", "Persoy ChatGPT.", "El sabiá canta: soy el sabiá.",
    "I am a bard of old.",
]  # fmt: skip


@pytest.mark.parametrize("text", LEAKS)
def test_an_answer_that_introduces_itself_says_who_it_is(text: str) -> None:
    assert says_who_it_is(text)


@pytest.mark.parametrize("text", NONE)
def test_an_answer_that_speaks_of_others_or_of_no_name_does_not(text: str) -> None:
    assert not says_who_it_is(text)


@pytest.mark.parametrize("name", ["zorzal-7b", "minka/zorzal-7b", "Zorzal 7B", "zorzal_7b", "a+b(c)*"])
@pytest.mark.parametrize("way", ["Soy {}.", "Eu sou o {}!", "I am {}", "Como modelo {}, no sé.", "Me llamo «{}»"])
def test_the_house_s_own_models_are_known_by_their_names(name: str, way: str) -> None:
    said = way.format(name.rpartition("/")[2])
    assert says_who_it_is(said, [name])
    assert not says_who_it_is(said), "the twin: nobody else knows it"
    assert not says_who_it_is(f"El {name} es un modelo.", [name])


def test_a_name_that_is_found_in_anything_is_no_name() -> None:
    assert not says_who_it_is("Soy m1", ["m1"])
    assert not says_who_it_is("Soy zorzales", ["zorzal"])


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_no_text_and_no_name_is_a_fault(text: str, names: list[str]) -> None:
    assert says_who_it_is(text, names) in (True, False)


@pytest.mark.parametrize("text", ["soy " * 8_000, "como modelo de " * 2_000, "soy un modelo de la " * 1_600])
def test_a_text_that_wants_to_keep_it_busy_does_not(text: str) -> None:
    says_who_it_is("", ["zorzal"])
    begin = time.perf_counter()
    says_who_it_is(text, ["zorzal"])
    assert time.perf_counter() - begin < 1
